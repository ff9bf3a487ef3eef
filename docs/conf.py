"""How the reference is built: from the docstrings, offline, every warning an error."""

import loyalty_research

project = "loyalty-research"
author = "The loyalty-research developers"
copyright = author
release = version = loyalty_research.__version__
language = "en"

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["_build", "images"]
autosummary_generate = False
autodoc_typehints = "none"  # the signatures' names and the docstrings' text say it
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
add_module_names = False
nitpicky = True  # a reference to something that is not there is a warning
nitpick_ignore = [("py:func", "loyalty_research.open_brand")]  # under its home, study
nitpick_ignore_regex = [
    (r"py:.*", r"(ibis|pandas|numpy|matplotlib|pathlib|datetime|collections|typing|IPython)\b.*"),
    (r"py:(data|mod)", r".*"),  # aliases of types, and whole modules, have no page of their own
]

html_theme = "alabaster"
html_theme_options = {
    "description": release,
    "font_family": "system-ui, sans-serif",
    "page_width": "68rem",
    "show_powered_by": False,
}
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_last_updated_fmt = None
