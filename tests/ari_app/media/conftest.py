from hypothesis import settings

# How long an example takes depends on who else uses the machine; what must hold does not.
settings.register_profile("media", deadline=None, max_examples=50)
settings.load_profile("media")
