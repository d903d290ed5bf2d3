"""Who could solve a challenge, and why: candidates, filters, scores, explanations."""
