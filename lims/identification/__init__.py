"""What a sample may contain: ranked candidates with their evidence, and what they cannot tell."""
