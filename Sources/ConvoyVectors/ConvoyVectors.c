#include "ConvoyVectors.h"
