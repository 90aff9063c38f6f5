"""The command groups of `putright`; each module adds its commands to the application it is given."""
