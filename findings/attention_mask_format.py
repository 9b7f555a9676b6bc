"""scaled_dot_product_attention in torch: a float32 mask beside inputs of another format is misread.

On the CPU, beside float64 inputs, its numbers are read as if they were float64's, a vector at a time: from as
many keys on as a vector holds, the output is wrong without an error. On CUDA devices, beside 16-bit inputs,
they are read as 16-bit numbers: the output is wrong, or NaN, without an error. The second is known upstream
(https://github.com/pytorch/pytorch/pull/191612), the first is not.
"""

import torch
from torch.nn.functional import scaled_dot_product_attention

FORMATS = {"cpu": [torch.float64], "cuda": [torch.float16, torch.bfloat16]}

print("torch", torch.__version__, torch.backends.cpu.get_cpu_capability())
for device in ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]:
    for dtype in FORMATS[device]:
        for keys in (5, 32):
            torch.manual_seed(0)
            query = torch.randn(1, 1, 3, 8, dtype=dtype, device=device)
            key, value = torch.randn(2, 1, 1, keys, 8, dtype=dtype, device=device)
            mask = torch.randn(3, keys, dtype=torch.float32, device=device)
            seen = scaled_dot_product_attention(query, key, value, attn_mask=mask)
            expected = scaled_dot_product_attention(query, key, value, attn_mask=mask.to(dtype))
            apart = (seen - expected).abs().max().item()
            print(f"{device}, {dtype}, {keys} keys: seen a difference of {apart:.2g}, expected none")
