"""The human baseline: an experiment that anyone can sit in JupyterLab, and what its answers say.

`plan` says which videos a person sees and how, `store` keeps the answers, `session` leads from trial to
trial, `widget` shows it; `merge` brings in other people's files, `analysis` reads them all.
"""
