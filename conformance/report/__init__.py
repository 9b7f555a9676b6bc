"""The report: results of one or more backends as one self-contained page (`build.write`)."""
