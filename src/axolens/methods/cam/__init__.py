"""Methods that weigh the channels of a layer."""
