"""From texts to capabilities: evidence, holdings, proposed needs and ties."""
