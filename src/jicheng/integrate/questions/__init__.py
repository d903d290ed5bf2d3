"""Questions that a manager asks about a staffing, one module each, answered in sentences."""
