"""MultiheadAttention in torch: masked numbers that are not finite, empty batches, and 16-bit biases.

A key or value that every mask leaves out still makes the output NaN; a batch of no sequences is refused where
a mask is given and no weights are asked for; linear of an array with gaps rounds before it adds the bias.
"""

import torch

print("torch", torch.__version__)
torch.manual_seed(0)
module = torch.nn.MultiheadAttention(8, 2, batch_first=True, dtype=torch.float64)
query, key = torch.randn(1, 3, 8, dtype=torch.float64), torch.randn(1, 4, 8, dtype=torch.float64)
masked = torch.tensor([[False, False, False, True]])
for name in ("key", "value"):
    for weights in (True, False):
        given = {"key": key.clone(), "value": key.clone()}
        given[name][0, 3] = torch.nan
        output, _ = module(query, **given, key_padding_mask=masked, need_weights=weights)
        many = int(output.isnan().sum())
        print(f"NaN in a masked {name}, need_weights={weights}: seen {many} NaN, expected 0")

none, mask = torch.zeros(0, 3, 8, dtype=torch.float64), torch.zeros(3, 3, dtype=torch.bool)
padding = torch.zeros(0, 3, dtype=torch.bool)
try:
    module(none, none, none, attn_mask=mask, key_padding_mask=padding, need_weights=False)
    print("a batch of no sequences: computed, as expected")
except RuntimeError as error:
    print(f"a batch of no sequences: seen {error}, expected an empty output")

for dtype in (torch.bfloat16, torch.float16):
    wide, weight, bias = (torch.randn(*shape, dtype=dtype) for shape in ((65, 3, 2), (1, 1), (1,)))
    for told, x in (("with gaps", wide[..., :1]), ("contiguous", wide[..., :1].contiguous())):
        once = (x.double() @ weight.double().T + bias.double()).to(dtype)
        many = int((torch.nn.functional.linear(x, weight, bias) != once).sum())
        print(f"linear of one feature, {dtype}, {told}: seen {many} results not rounded once, expected 0")
