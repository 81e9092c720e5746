// Whether a sanitizer is built in: it brings its own allocator, and keeps freed memory for a while.
#pragma once

#if defined(__has_feature)
#define FASTRSI_HAS_FEATURE(name) __has_feature(name)
#else
#define FASTRSI_HAS_FEATURE(name) 0
#endif
// A macro, because an operator new of a test's own must not even be declared then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    FASTRSI_HAS_FEATURE(address_sanitizer) || FASTRSI_HAS_FEATURE(thread_sanitizer)
#define FASTRSI_SANITIZED 1
#else
#define FASTRSI_SANITIZED 0
#endif
