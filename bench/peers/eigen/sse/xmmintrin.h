// Eigen 3.4 has no wasm back end of its own. It gets SSE intrinsics, which SIMDe spells as vectors of the compiler (its
// wasm spelling makes all of them one type, and Eigen overloads by type), and clang turns those into wasm SIMD.
#pragma once
#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/sse.h>
