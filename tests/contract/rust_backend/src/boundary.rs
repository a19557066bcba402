// SPDX-License-Identifier: Apache-2.0
//! Between the ABI's pointers and Rust. All unsafe code of the backend stands here.
use crate::abi::{self, Slice};
use crate::{failure, Acme, Failure};
use std::ffi::c_void;
use std::mem::size_of;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null_mut;

/// The host's services. Valid from create until destroy returns, which is as long as an `Acme` lives.
pub struct Host {
    http: *const abi::Http,
    log: *const abi::Log,
}

pub struct Response {
    pub status: i32,
    pub retry_after_seconds: i64,
    pub body: Vec<u8>,
    error: String,
}

impl Host {
    unsafe fn of(host: *const abi::Host) -> Result<Host, Failure> {
        let service = |id: &[u8]| ((*host).get_service)((*host).context, id.as_ptr() as *const c_char);
        let http = service(abi::SERVICE_HTTP) as *const abi::Http;
        let log = service(abi::SERVICE_LOG) as *const abi::Log;
        if http.is_null() {
            return failure(abi::INTERNAL, "this host has no service regcred.http/1");
        }
        Ok(Host { http, log })
    }

    /// One line for the operator; dropped by a host that has no log.
    pub fn debug(&self, line: &str) {
        if !self.log.is_null() {
            unsafe { ((*self.log).write)((*self.log).context, abi::LOG_DEBUG, Slice::of(line.as_bytes())) };
        }
    }

    /// Sends JSON. A response of whatever status, or the host's reason why there is none.
    pub fn post(&self, url: &str, mut body: Vec<u8>) -> Result<Response, Failure> {
        let headers = [abi::Pair { name: Slice::of(b"Content-Type"), value: Slice::of(b"application/json") }];
        let request = abi::HttpRequest {
            struct_size: size_of::<abi::HttpRequest>() as u32,
            abi_major: abi::ABI_MAJOR,
            abi_minor: abi::ABI_MINOR,
            method: Slice::of(b"POST"),
            url: Slice::of(url.as_bytes()),
            headers: headers.as_ptr(),
            headers_count: headers.len() as u64,
            body: Slice::of(&body),
            flags: 0,
            timeout_ms: 0,
            party: Slice::of(b"Acme"),
        };
        let mut response: Option<Response> = None;
        let sink = abi::HttpSink {
            struct_size: size_of::<abi::HttpSink>() as u32,
            abi_major: abi::ABI_MAJOR,
            abi_minor: abi::ABI_MINOR,
            context: &mut response as *mut Option<Response> as *mut c_void,
            response: keep_response,
        };
        let code = unsafe { ((*self.http).send)((*self.http).context, &request, &sink) };
        body.fill(0); // it held the token
        match response {
            Some(response) if code == abi::OK => Ok(response),
            Some(response) => failure(code, &response.error),
            None => failure(abi::INTERNAL, "the host gave no response"),
        }
    }
}

unsafe extern "C" fn keep_response(context: *mut c_void, raw: *const abi::HttpResponse) {
    let _ = catch_unwind(AssertUnwindSafe(|| {
        *(context as *mut Option<Response>) = Some(Response {
            status: (*raw).status,
            retry_after_seconds: (*raw).retry_after_seconds,
            body: (*raw).body.bytes().to_vec(),
            error: String::from_utf8_lossy((*raw).error.bytes()).into_owned(),
        });
    }));
}

/// Runs `call`, tells the sink of its failure, and keeps a panic from crossing the boundary.
unsafe fn guarded(sink: *const abi::Sink, call: impl FnOnce() -> Result<(), Failure>) -> i32 {
    let result = catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| failure(abi::INTERNAL, "the backend panicked; report this to its maintainers"));
    match result {
        Ok(()) => abi::OK,
        Err(Failure { code, text, retry_after_seconds }) => {
            ((*sink).fail)((*sink).context, code, retry_after_seconds, Slice::of(text.as_bytes()));
            code
        }
    }
}

unsafe extern "C" fn create(
    host: *const abi::Host,
    settings_json: Slice,
    sink: *const abi::Sink,
    instance: *mut *mut c_void,
) -> i32 {
    *instance = null_mut();
    guarded(sink, || {
        let acme = Acme::new(Host::of(host)?, settings_json.bytes())?;
        *instance = Box::into_raw(Box::new(acme)) as *mut c_void;
        Ok(())
    })
}

unsafe extern "C" fn get_credentials(
    instance: *mut c_void,
    request: *const abi::Request,
    sink: *const abi::Sink,
) -> i32 {
    guarded(sink, || {
        let acme = &*(instance as *const Acme);
        let found = acme.get_credentials((*request).service_account_token.bytes())?;
        let added = ((*sink).add_auth)(
            (*sink).context,
            (*request).registry,
            Slice::of(found.username.as_bytes()),
            Slice::of(found.password.as_bytes()),
        );
        if added != abi::OK {
            return failure(abi::BAD_UPSTREAM, "the answer of apiHost holds no usable password; check apiHost");
        }
        let kept = ((*sink).set_cache)((*sink).context, abi::SCOPE_REGISTRY, found.lifetime_seconds);
        if kept != abi::OK {
            return failure(abi::BAD_UPSTREAM, "the answer of apiHost holds an impossible expires_in; check apiHost");
        }
        Ok(())
    })
}

unsafe extern "C" fn destroy(instance: *mut c_void) {
    drop(Box::from_raw(instance as *mut Acme));
}

const SETTINGS_SCHEMA: &[u8] = br#"{"type":"object","additionalProperties":false,"required":["apiHost"],"properties":{
"apiHost":{"type":"string","maxLength":259,"description":"host[:port] that exchanges the token, over https."}}}"#;

unsafe extern "C" fn settings_schema(sink: *const abi::BytesSink) -> i32 {
    ((*sink).bytes)((*sink).context, Slice::of(SETTINGS_SCHEMA));
    abi::OK
}

unsafe extern "C" fn annotation_keys(_sink: *const abi::BytesSink) -> i32 {
    abi::OK // it reads none
}

static TABLE: abi::Backend = abi::Backend {
    struct_size: size_of::<abi::Backend>() as u32,
    abi_major: abi::ABI_MAJOR,
    abi_minor: abi::ABI_MINOR,
    name: Slice::of(b"acme-rust"),
    version: Slice::of(b"1.0.0"),
    token_use: abi::TOKEN_REQUIRED,
    uses: 0,
    create,
    get_credentials,
    destroy,
    settings_schema,
    annotation_keys,
    serves_registry: None,
    expected_audiences: None,
};

/// The one exported symbol.
#[no_mangle]
pub extern "C" fn regcred_backend_entry_v1() -> *const abi::Backend {
    &TABLE
}
