"""The training road: row → example → tokens and loss mask → adapter → report → gate."""
