"""Auto tagging: suggest the tags that an uploader would write (chapter 08)."""
