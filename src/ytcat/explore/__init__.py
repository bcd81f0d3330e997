"""What a reader can touch: the title box of the book, and explorers for JupyterLab.

Each explorer is one line of a notebook: `browser.browse` leafs through the videos of a corpus,
`confusion.confusion` opens the videos behind a cell of a confusion matrix, `live.ask` answers a title as it
is typed, `trade_off.trade_off` moves a remedy for class imbalance along its strengths. `picture.picture`
shows a picture of one where no kernel runs.
"""
