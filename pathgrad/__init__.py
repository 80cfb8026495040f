"""The command ``pathgrad``, and the worked examples of the lecture notes."""
