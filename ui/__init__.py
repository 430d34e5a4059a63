"""The page: the only importer of Gradio."""
