#include <zlib.h>

// inflateInit2 is a macro, which Swift cannot import. 15 is the largest window, and 32 more take gzip and zlib streams.
static inline int czlib_begin(z_stream *stream) { return inflateInit2(stream, 15 + 32); }

// The same goes for deflateInit2. 16 more make a gzip stream; 8 is the memory that zlib takes by default.
static inline int czlib_begin_gzip(z_stream *stream, int level)
{
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
