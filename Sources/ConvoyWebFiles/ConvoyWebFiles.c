#include "ConvoyWebFiles.h"

const unsigned char *_Nonnull const convoy_style = (const unsigned char[]){
#embed "Style.css" suffix(, 0)
};

const unsigned char *_Nonnull const convoy_report_style = (const unsigned char[]){
#embed "Report.css" suffix(, 0)
};

const unsigned char *_Nonnull const convoy_page = (const unsigned char[]){
#embed "Page/page.html" suffix(, 0)
};

const unsigned char *_Nonnull const convoy_page_style = (const unsigned char[]){
#embed "Page/page.css" suffix(, 0)
};

// Each after those that it uses when it is loaded.
const unsigned char *_Nonnull const convoy_page_scripts = (const unsigned char[]){
#embed "Page/palette.js" suffix(, '\n', )
#embed "Page/convolution.js" suffix(, '\n', )
#embed "Page/layers.js" suffix(, '\n', )
#embed "Page/engine.js" suffix(, '\n', )
#embed "Page/pictures.js" suffix(, '\n', )
#embed "Page/drawing.js" suffix(, '\n', )
#embed "Page/occlusion.js" suffix(, '\n', )
#embed "Page/explain.js" suffix(, '\n', )
#embed "Page/explain-others.js" suffix(, '\n', )
#embed "Page/answer.js" suffix(, '\n', )
#embed "Page/maps.js" suffix(, '\n', )
#embed "Page/description.js" suffix(, '\n', )
#embed "Page/page.js" suffix(, 0)
};
