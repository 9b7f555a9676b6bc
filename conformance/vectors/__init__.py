"""Test vectors: inputs with their correctly rounded results, for suites that do not call this one."""
