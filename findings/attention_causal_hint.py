"""MultiheadAttention in torch: with appended rows, is_causal computes something else than the causal mask.

add_bias_kv and add_zero_attn append a key that every query may attend to. With is_causal and without
weights, multi_head_attention_forward drops attn_mask and leaves the mask to scaled_dot_product_attention,
which counts the appended keys among the forbidden later ones.
"""

import torch

print("torch", torch.__version__)
torch.manual_seed(0)
x = torch.randn(4, 1, 8, dtype=torch.float64)
mask = torch.nn.Transformer.generate_square_subsequent_mask(4, dtype=torch.float64)
for options in ({}, {"add_bias_kv": True}, {"add_zero_attn": True}):
    module = torch.nn.MultiheadAttention(8, 2, dtype=torch.float64, **options)
    expected, _ = module(x, x, x, attn_mask=mask, is_causal=True, need_weights=True)
    seen, _ = module(x, x, x, attn_mask=mask, is_causal=True, need_weights=False)
    difference = (seen - expected).abs().amax((1, 2))
    print(
        f"{options or 'no appended row'}: output with weights against without, by query: seen differences",
        end=" ",
    )
    print([f"{d:.2g}" for d in difference.tolist()], "expected rounding alone")
