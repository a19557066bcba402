// SPDX-License-Identifier: Apache-2.0
//! A backend in Rust without a crate beside std. The pod's token goes to POST https://{apiHost}/token, a password comes
//! back. START HERE: `Acme` is what the backend does, `boundary` is how the host reaches it.
mod abi;
mod boundary;
mod json;

use json::Value;

/// Why there is nothing to give: a code of abi.rs, and one line for the operator.
pub struct Failure {
    code: i32,
    text: String,
    retry_after_seconds: i64, // -1 when unknown
}

fn failure<T>(code: i32, text: &str) -> Result<T, Failure> {
    Err(Failure { code, text: text.to_string(), retry_after_seconds: -1 })
}

pub struct Credentials {
    username: &'static str,
    password: String,
    lifetime_seconds: i64,
}

pub struct Acme {
    host: boundary::Host,
    url: String,
}

impl Acme {
    /// Reads the settings. Sends nothing.
    fn new(host: boundary::Host, settings_json: &[u8]) -> Result<Acme, Failure> {
        let mut api_host = "";
        for (name, value) in json::members(settings_json).unwrap_or_default() {
            match (name, value) {
                ("apiHost", Value::Text(text)) => api_host = text,
                ("apiHost", _) => {}
                _ => {
                    let name: String = name.chars().take(64).collect();
                    let text = format!("settings.{}: unknown setting; this backend knows apiHost", name);
                    return failure(abi::BAD_CONFIG, &text);
                }
            }
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:".contains(c);
        if api_host.is_empty() || api_host.len() > 259 || !api_host.chars().all(plain) {
            let text = "settings.apiHost: is missing or no host; write host or host:port";
            return failure(abi::BAD_CONFIG, text);
        }
        let url = format!("https://{}/token", api_host);
        Ok(Acme { host, url })
    }

    /// One exchange.
    fn get_credentials(&self, token: &[u8]) -> Result<Credentials, Failure> {
        let plain = |c: &u8| c.is_ascii_alphanumeric() || b"-_.".contains(c);
        if token.is_empty() || !token.iter().all(plain) {
            return failure(abi::BAD_REQUEST, "the service account token is not a JWT");
        }
        // A compact JWT needs no escaping in JSON.
        let body = [b"{\"token\":\"", token, b"\"}"].concat();
        let response = self.host.post(&self.url, body)?;
        self.host.debug(&format!("apiHost answered with status {}", response.status));
        match response.status {
            200 => credentials_in(&response.body),
            401 | 403 => failure(abi::DENIED, "apiHost refused this service account; check its access there"),
            429 => Err(Failure {
                code: abi::THROTTLED,
                text: "apiHost asks to wait".to_string(),
                retry_after_seconds: response.retry_after_seconds,
            }),
            408 | 425 => failure(abi::UNAVAILABLE, "apiHost was too slow; try again later"),
            500..=599 => failure(abi::UNAVAILABLE, "apiHost is failing; try again later"),
            _ => failure(abi::BAD_UPSTREAM, "apiHost answered with an unexpected status; check apiHost"),
        }
    }
}

fn credentials_in(body: &[u8]) -> Result<Credentials, Failure> {
    let mut password = String::new();
    let mut lifetime_seconds = abi::LIFETIME_UNKNOWN;
    for (name, value) in json::members(body).unwrap_or_default() {
        match (name, value) {
            ("password", Value::Text(text)) => password = text.to_string(),
            ("expires_in", Value::Number(seconds)) => lifetime_seconds = seconds,
            _ => {}
        }
    }
    if password.is_empty() {
        let text = "the answer of apiHost holds no usable password; check apiHost";
        return failure(abi::BAD_UPSTREAM, text);
    }
    Ok(Credentials { username: "acme", password, lifetime_seconds })
}
