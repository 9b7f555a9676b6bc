"""scaled_dot_product_attention in torch on the CPU: a float32 mask beside float64 inputs is misread.

The mask is taken as it is, and read as if its numbers were float64's, a vector at a time: from as many keys
on as a vector holds, the output is wrong without an error. Fewer keys give the right answer.
"""

import torch
from torch.nn.functional import scaled_dot_product_attention

print("torch", torch.__version__, torch.backends.cpu.get_cpu_capability())
torch.manual_seed(0)
for keys in (7, 32):
    query = torch.randn(1, 1, 3, 8, dtype=torch.float64)
    key, value = torch.randn(2, 1, 1, keys, 8, dtype=torch.float64)
    mask = torch.randn(3, keys, dtype=torch.float32)
    seen = scaled_dot_product_attention(query, key, value, attn_mask=mask)
    expected = scaled_dot_product_attention(query, key, value, attn_mask=mask.double())
    print(f"{keys} keys: seen a difference of {(seen - expected).abs().max():.2g}, expected none")
