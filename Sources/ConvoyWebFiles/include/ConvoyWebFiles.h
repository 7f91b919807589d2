#ifndef CONVOY_WEB_FILES_H
#define CONVOY_WEB_FILES_H

// Texts in UTF-8 that end with a zero byte.

/// The style sheet of every page: colours, type, tables and controls, for light and dark screens,
/// phones and paper.
extern const unsigned char *_Nonnull const convoy_style;

/// What the style sheet of a report has besides.
extern const unsigned char *_Nonnull const convoy_report_style;

/// The page that runs a model, with names in place of its data...
extern const unsigned char *_Nonnull const convoy_page;

/// ... what its style sheet has besides...
extern const unsigned char *_Nonnull const convoy_page_style;

/// ... and all its scripts as one.
extern const unsigned char *_Nonnull const convoy_page_scripts;

#endif
