"""All float32 inputs, block by block, on the host and on devices."""
