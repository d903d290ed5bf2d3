"""Kernels: arrays in, arrays out; they import nothing of jicheng."""
