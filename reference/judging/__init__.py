"""Results held against proven enclosures: single ones, arrays, products, sums."""
