"""One reader for each format. `lims.spectra.reading` chooses among them."""
