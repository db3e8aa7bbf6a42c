"""Reading and preparing spectra. The readers come with the identification issue."""
