"""scaled_dot_product_attention in torch on CUDA devices: a dropout rate of 1 is refused, or gives NaN.

The kernel that serves 16-bit inputs wants a rate below 1; that of float32 multiplies 0 by an infinite scale.
Everything is dropped, so the output is 0, as it is on the CPU.
"""

import torch
from torch.nn.functional import scaled_dot_product_attention

if not torch.cuda.is_available():
    raise SystemExit("no CUDA device")
print("torch", torch.__version__, torch.cuda.get_device_name())
for dtype in (torch.float32, torch.float16, torch.bfloat16):
    query = torch.randn(1, 1, 4, 8, dtype=dtype, device="cuda")
    try:
        seen = scaled_dot_product_attention(query, query, query, dropout_p=1.0).abs().max().item()
    except RuntimeError as error:
        seen = str(error).splitlines()[0]
    print(f"{dtype}: seen {seen}, expected 0.0")
