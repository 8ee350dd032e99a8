//! The exported functions, and the state of an instance.

#![allow(unsafe_code, reason = "`no_mangle` counts as unsafe; there is no other use of it")]

use std::cell::RefCell;
use std::collections::BTreeMap;

use policy_core::api::{self, Host};

/// What an instance keeps between calls.
struct Instance {
    /// Requests and answers that were not given back yet, by address.
    buffers: BTreeMap<u32, Vec<u8>>,
    host: Host,
}

impl Instance {
    /// Keeps a buffer where the host can find it; 0 for one without an address.
    fn keep(&mut self, mut buffer: Vec<u8>) -> u32 {
        let Ok(address) = u32::try_from(buffer.as_mut_ptr().expose_provenance()) else {
            return 0;
        };
        self.buffers.insert(address, buffer);
        address
    }

    fn alloc(&mut self, len: u32) -> u32 {
        let mut buffer = Vec::new();
        let Ok(len) = usize::try_from(len) else { return 0 };
        if len == 0 || buffer.try_reserve_exact(len).is_err() {
            return 0;
        }
        buffer.resize(len, 0);
        self.keep(buffer)
    }

    fn free(&mut self, address: u32, len: u32) {
        if find(&self.buffers, address, len).is_some() {
            self.buffers.remove(&address);
        }
    }

    fn call(&mut self, address: u32, len: u32) -> u64 {
        let answer = match find(&self.buffers, address, len) {
            Some(request) => self.host.call(request),
            None => api::failure(
                "bad-pointer",
                "the request is not memory of this length from flux_audit_alloc",
            ),
        };
        let Ok(len) = u32::try_from(answer.len()) else { return 0 };
        u64::from(self.keep(answer)) << 32 | u64::from(len)
    }
}

/// A buffer that was handed out with this length, and only such a one.
fn find(buffers: &BTreeMap<u32, Vec<u8>>, address: u32, len: u32) -> Option<&[u8]> {
    buffers
        .get(&address)
        .map(Vec::as_slice)
        .filter(|buffer| u32::try_from(buffer.len()) == Ok(len))
}

thread_local! {
    /// Borrowed during every call: one that traps leaves it so, hence whatever comes next traps as well and cannot
    /// work on what is half done.
    static INSTANCE: RefCell<Instance> =
        const { RefCell::new(Instance { buffers: BTreeMap::new(), host: Host::new() }) };
}

/// The version of this interface: 1.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn flux_audit_abi_version() -> u32 {
    1
}

/// Room for a request of `len` bytes, all zero; 0 where there is none, and for a length of 0.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn flux_audit_alloc(len: u32) -> u32 {
    INSTANCE.with_borrow_mut(|instance| instance.alloc(len))
}

/// Gives a request or an answer back. What is not one of this address and length stays as it is.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn flux_audit_free(ptr: u32, len: u32) {
    INSTANCE.with_borrow_mut(|instance| instance.free(ptr, len));
}

/// Answers the request: `ptr << 32 | len` of the answer, which the caller gives back; the request stays the caller's.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn flux_audit_call(ptr: u32, len: u32) -> u64 {
    INSTANCE.with_borrow_mut(|instance| instance.call(ptr, len))
}
