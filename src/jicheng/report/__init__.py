"""Report: one self-contained page that shows a plan, in Chinese and English."""
