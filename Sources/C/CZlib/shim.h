#include <zlib.h>

// inflateInit2 is a macro, which Swift cannot import. 15 is the largest window, and 32 more take gzip and zlib streams.
static inline int czlib_begin(z_stream *stream) { return inflateInit2(stream, 15 + 32); }
