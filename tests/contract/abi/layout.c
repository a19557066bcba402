// SPDX-License-Identifier: Apache-2.0
/*
 * abi.h alone, then what each released minor laid down. Compiled as C and as C++ by gcc and clang, pedantically and
 * with -Wpadded: a struct with a hole would be laid out differently by a compiler with other alignment rules.
 */
#include <regcred/abi.h>
#include <stddef.h>

#ifdef __cplusplus
#include <string_view>
#include <type_traits>
#define SAME(expression) static_assert(expression, #expression)
#define HAS_TYPE(type, member, ...) std::is_same_v<decltype(type::member), __VA_ARGS__>
#define TEXT(macro, text) SAME(std::string_view(macro) == text);
#else
#define SAME(expression) _Static_assert(expression, #expression)
#define HAS_TYPE(type, member, ...) _Generic(((type *)0)->member, __VA_ARGS__ : 1, default : 0)
#define TEXT(macro, text) SAME(sizeof(macro) == sizeof(text)); /* C cannot compare the letters; C++ does */
#endif

#define CONSTANT(macro, value) SAME(macro == value);
#define FROZEN(type, bytes) SAME(sizeof(type) == bytes);
#define SIZE(type, bytes) SAME(REGCRED_ABI_MINOR == LAYOUT_MINOR ? sizeof(type) == bytes : sizeof(type) >= bytes);
#define MEMBER(type, member, offset, ...) \
  SAME(offsetof(type, member) == offset); \
  SAME(HAS_TYPE(type, member, __VA_ARGS__));
#define HEADER(type)                     \
  MEMBER(type, struct_size, 0, uint32_t) \
  MEMBER(type, abi_major, 4, uint16_t)   \
  MEMBER(type, abi_minor, 6, uint16_t)

#include "layout_1_0.h"
