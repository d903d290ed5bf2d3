"""Search texts in Chinese and English: words, vectors where installed, and what they agree on."""
