// SPDX-License-Identifier: Apache-2.0
// How doctor's network results are written to a worker's pipe (worker/wire.hpp).
#pragma once

#include "cli/doctor/network.hpp"
#include "common/limits.hpp"
#include "worker/wire.hpp"

namespace regcred::core {

inline constexpr std::size_t fetched_body_bytes_max = 256U << 10U;

template <class Wire>
void on_wire(Wire &wire, Headers::value_type &header) {
  wire.text(header.first, limits::http_headers_bytes_max);
  wire.text(header.second, limits::http_headers_bytes_max);
}

template <class Wire>
void on_wire(Wire &wire, Fetched &fetched) {
  wire.number(fetched.status);
  wire.list(fetched.headers, limits::http_headers_bytes_max);
  wire.text(fetched.body, fetched_body_bytes_max);
  on_wire(wire, fetched.failure);
  wire.flag(fetched.timed_out);
  on_wire(wire, fetched.address);
  on_wire(wire, fetched.refused);
}

template <class Wire>
void on_wire(Wire &wire, FirstRequest &first) {
  on_wire(wire, first.method);
  wire.text(first.url, limits::http_headers_bytes_max);
  on_wire(wire, first.program);
}

template <class Wire>
void on_wire(Wire &wire, ProbedCertificate &certificate) {
  for (std::string *text : {&certificate.subject, &certificate.issuer, &certificate.names, &certificate.not_after}) {
    on_wire(wire, *text);
  }
  wire.flag(certificate.expired);
}

template <class Wire>
void on_wire(Wire &wire, ProbeReport &report) {
  wire.choice(report.ended_in, ProbePhase::setup, ProbePhase::done);
  wire.flag(report.through_proxy);
  on_wire(wire, report.proxy);
  wire.list(report.addresses, 100);
  on_wire(wire, report.connected_to);
  on_wire(wire, report.tls_version);
  wire.list(report.chain, 100);
  on_wire(wire, report.verify_result);
  PhaseTimes &times = report.times;
  for (std::int64_t *ms : {&times.name_ms, &times.connect_ms, &times.tls_ms, &times.first_byte_ms, &times.whole_ms}) {
    wire.number(*ms);
  }
  on_wire(wire, report.failure);
}

template <class Wire>
void on_wire(Wire &wire, SignatureCheck &outcome) {
  wire.choice(outcome, SignatureCheck{}, SignatureCheck::not_checked);
}

}  // namespace regcred::core
