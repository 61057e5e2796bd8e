"""All SQL of ddm. Functions take an open Connection; only steps and commands open transactions."""
