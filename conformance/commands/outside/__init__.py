"""Commands about what is not called in a process of this one."""
