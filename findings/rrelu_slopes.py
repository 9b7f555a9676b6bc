"""rrelu in training in torch on CUDA devices: the slopes of 16-bit tensors are not uniform.

The uniform number is rounded to 16 bits, and only then scaled to the bounds: some slopes come up about twice
as often as those beside them, others never. On the CPU the number is drawn in float64.
"""

import torch
from torch.nn.functional import rrelu

if not torch.cuda.is_available():
    raise SystemExit("no CUDA device")
print("torch", torch.__version__, torch.cuda.get_device_name())
torch.manual_seed(0)
lower, upper = 0.25, 0.5
for dtype in (torch.float16, torch.bfloat16):
    draws = 1 << 22
    slopes = -rrelu(torch.full((draws,), -1.0, dtype=dtype, device="cuda"), lower, upper, training=True)
    # Between two powers of two the numbers of a format lie equally far apart.
    cells = round((upper - lower) / (torch.finfo(dtype).eps * lower))
    inside = slopes[(slopes > lower) & (slopes < upper)].cpu()
    counts = torch.unique(inside, return_counts=True)[1]
    expected = draws / cells
    print(
        f"{dtype}, {cells - 1} slopes between {lower} and {upper}: seen {len(counts)} of them, each "
        f"{counts.min() / expected:.2f} to {counts.max() / expected:.2f} times as often as expected"
    )
