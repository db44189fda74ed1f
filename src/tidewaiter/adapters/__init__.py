"""The rim: message formats, the store, models on disk, the content that an administration owns."""
