#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// The first twelve hexadecimal digits of the commit that was checked out when this was built, or
/// nothing where the sources come without their repository's log.
const char *_Nonnull convoy_commit(void);

#ifdef __cplusplus
}
#endif
