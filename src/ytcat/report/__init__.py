"""From notebooks to a book: profiles, execution through papermill, the gate, the pages."""
