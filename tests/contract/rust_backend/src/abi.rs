// SPDX-License-Identifier: Apache-2.0
//! regcred/abi.h, version 1.0, in Rust. Names as there, in Rust's case; the comments there are the contract.
//!
//! Sizes are checked when this compiles, offsets by `cargo test`: a const context that can measure an offset came after
//! Rust 1.63.
use std::ffi::c_void;
use std::mem::size_of;
use std::os::raw::c_char;

pub const ABI_MAJOR: u16 = 1;
pub const ABI_MINOR: u16 = 0;

pub const OK: i32 = 0;
pub const BAD_CONFIG: i32 = 2;
pub const BAD_REQUEST: i32 = 3;
pub const DENIED: i32 = 4;
pub const UNAVAILABLE: i32 = 5;
pub const THROTTLED: i32 = 6;
pub const BAD_UPSTREAM: i32 = 8;
pub const INTERNAL: i32 = 9;

pub const SERVICE_HTTP: &[u8] = b"regcred.http/1\0";
pub const SERVICE_LOG: &[u8] = b"regcred.log/1\0";
pub const LOG_DEBUG: i32 = 0;
pub const SCOPE_REGISTRY: i32 = 1;
pub const LIFETIME_UNKNOWN: i64 = -1;
pub const TOKEN_REQUIRED: i32 = 0;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    pub data: *const c_char,
    pub size: u64,
}

#[repr(C)]
pub struct Pair {
    pub name: Slice,
    pub value: Slice,
}

#[repr(C)]
pub struct BytesSink {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub context: *mut c_void,
    pub bytes: unsafe extern "C" fn(context: *mut c_void, value: Slice),
}

#[repr(C)]
pub struct HttpRequest {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub method: Slice,
    pub url: Slice,
    pub headers: *const Pair,
    pub headers_count: u64,
    pub body: Slice,
    pub flags: u32,
    pub timeout_ms: u32,
    pub party: Slice,
}

#[repr(C)]
pub struct HttpResponse {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub status: i32,
    pub attempts: i32,
    pub retry_after_seconds: i64,
    pub headers: *const Pair,
    pub headers_count: u64,
    pub body: Slice,
    pub error: Slice,
}

#[repr(C)]
pub struct HttpSink {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub context: *mut c_void,
    pub response: unsafe extern "C" fn(context: *mut c_void, response: *const HttpResponse),
}

#[repr(C)]
pub struct Http {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub context: *mut c_void,
    pub send: unsafe extern "C" fn(context: *mut c_void, request: *const HttpRequest, sink: *const HttpSink) -> i32,
}

#[repr(C)]
pub struct Log {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub context: *mut c_void,
    pub enabled: unsafe extern "C" fn(context: *mut c_void, level: i32) -> i32,
    pub write: unsafe extern "C" fn(context: *mut c_void, level: i32, text: Slice),
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub context: *mut c_void,
    pub get_service: unsafe extern "C" fn(context: *mut c_void, id: *const c_char) -> *const c_void,
}

#[repr(C)]
pub struct Request {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub image: Slice,
    pub registry: Slice,
    pub service_account_token: Slice,
    pub annotations: *const Pair,
    pub annotations_count: u64,
}

#[repr(C)]
pub struct Sink {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub context: *mut c_void,
    pub add_auth: unsafe extern "C" fn(context: *mut c_void, registry: Slice, username: Slice, secret: Slice) -> i32,
    pub set_cache: unsafe extern "C" fn(context: *mut c_void, scope: i32, lifetime_seconds: i64) -> i32,
    pub fail: unsafe extern "C" fn(context: *mut c_void, code: i32, retry_after_seconds: i64, text: Slice) -> i32,
    pub set_cache_duration: unsafe extern "C" fn(context: *mut c_void, scope: i32, seconds: i64) -> i32,
}

#[repr(C)]
pub struct Backend {
    pub struct_size: u32,
    pub abi_major: u16,
    pub abi_minor: u16,
    pub name: Slice,
    pub version: Slice,
    pub token_use: i32,
    pub uses: u32,
    pub create: unsafe extern "C" fn(
        host: *const Host,
        settings_json: Slice,
        sink: *const Sink,
        instance: *mut *mut c_void,
    ) -> i32,
    pub get_credentials: unsafe extern "C" fn(instance: *mut c_void, request: *const Request, sink: *const Sink) -> i32,
    pub destroy: unsafe extern "C" fn(instance: *mut c_void),
    pub settings_schema: unsafe extern "C" fn(sink: *const BytesSink) -> i32,
    pub annotation_keys: unsafe extern "C" fn(sink: *const BytesSink) -> i32,
    /// None: every registry is served.
    pub serves_registry:
        Option<unsafe extern "C" fn(instance: *mut c_void, registry: Slice, sink: *const Sink) -> i32>,
    /// None: the audience is the operator's choice.
    pub expected_audiences: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            registry: Slice,
            audiences: *const BytesSink,
            accepted_by: *const BytesSink,
        ) -> i32,
    >,
}

// The table is constant, and all it points to is.
unsafe impl Sync for Backend {}

const _: () = assert!(size_of::<Slice>() == 16);
const _: () = assert!(size_of::<Pair>() == 32);
const _: () = assert!(size_of::<BytesSink>() == 24);
const _: () = assert!(size_of::<HttpRequest>() == 96);
const _: () = assert!(size_of::<HttpResponse>() == 72);
const _: () = assert!(size_of::<HttpSink>() == 24);
const _: () = assert!(size_of::<Http>() == 24);
const _: () = assert!(size_of::<Log>() == 32);
const _: () = assert!(size_of::<Host>() == 24);
const _: () = assert!(size_of::<Request>() == 72);
const _: () = assert!(size_of::<Sink>() == 48);
const _: () = assert!(size_of::<Backend>() == 104);

impl Slice {
    pub const fn of(bytes: &[u8]) -> Slice {
        Slice { data: bytes.as_ptr() as *const c_char, size: bytes.len() as u64 }
    }

    /// The bytes, for as long as the call that gave this slice.
    ///
    /// # Safety
    /// The slice came from the host in a call that has not returned yet.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.data.is_null() {
            return &[];
        }
        std::slice::from_raw_parts(self.data as *const u8, self.size as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::MaybeUninit;
    use std::ptr::addr_of;

    // The offset of each member, as tests/contract/abi/layout_1_0.h has them.
    macro_rules! offsets {
        ($type:ty: $($member:ident $offset:expr),+) => {
            let value = MaybeUninit::<$type>::uninit();
            let base = value.as_ptr();
            $(assert_eq!(
                unsafe { addr_of!((*base).$member) } as usize - base as usize, $offset,
                "{}.{}", stringify!($type), stringify!($member)
            );)+
        };
    }

    #[test]
    fn every_member_is_where_abi_h_has_it() {
        offsets!(Slice: data 0, size 8);
        offsets!(Pair: name 0, value 16);
        offsets!(BytesSink: struct_size 0, abi_major 4, abi_minor 6, context 8, bytes 16);
        offsets!(HttpRequest: method 8, url 24, headers 40, headers_count 48, body 56, flags 72, timeout_ms 76);
        offsets!(HttpRequest: party 80);
        offsets!(HttpResponse: status 8, attempts 12, retry_after_seconds 16, headers 24, headers_count 32);
        offsets!(HttpResponse: body 40, error 56);
        offsets!(HttpSink: context 8, response 16);
        offsets!(Http: context 8, send 16);
        offsets!(Log: context 8, enabled 16, write 24);
        offsets!(Host: context 8, get_service 16);
        offsets!(Request: image 8, registry 24, service_account_token 40, annotations 56, annotations_count 64);
        offsets!(Sink: context 8, add_auth 16, set_cache 24, fail 32, set_cache_duration 40);
        offsets!(Backend: struct_size 0, abi_major 4, abi_minor 6, name 8, version 24, token_use 40, uses 44);
        offsets!(Backend: create 48, get_credentials 56, destroy 64, settings_schema 72, annotation_keys 80);
        offsets!(Backend: serves_registry 88, expected_audiences 96);
    }
}
