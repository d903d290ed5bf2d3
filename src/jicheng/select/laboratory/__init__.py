"""What a changed rule would do: who gains and who loses, costs, ranks, thresholds."""
