"""The human baseline: a labelling experiment in JupyterLab, and the analysis of the answers.

`plan` chooses the videos and views of a person, `events` and `store` record the answers, `session` leads from
trial to trial, `widget` shows them; `merge` imports other people's files, `analysis` reads all of them.
"""
