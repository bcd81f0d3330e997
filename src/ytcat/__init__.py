"""Can a machine categorize YouTube trending videos from their thumbnails and titles?"""
