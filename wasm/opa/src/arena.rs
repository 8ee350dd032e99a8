//! The memory that hosts see: texts they write, values by handle, texts they read.
//!
//! Everything is given out upwards from one end of a region at a fixed place, so that a mark tells what is newer, and a
//! host may copy the region between two marks into another instance: Go OPA does so with its data. A value is a header
//! followed by its text, hence whole in such a copy. What does not fit into the region lies in Rust's heap instead, as long
//! as its header or marker; a copy of such a value is refused, for its text is elsewhere.

#![allow(unsafe_code, reason = "hosts know memory by its address")]

use std::cell::UnsafeCell;

/// Bytes of the region. It costs address space, not memory, until it is used.
const SIZE: usize = 16 << 20;
/// What every piece begins at a multiple of.
const ALIGNMENT: u32 = 8;
const HEADER: u32 = 16;
/// Tells a header from anything else that a host may pass.
const MAGIC: u32 = 0x4658_4155;

#[repr(C, align(16))]
struct Region(UnsafeCell<[u8; SIZE]>);

// SAFETY: the module has one thread.
unsafe impl Sync for Region {}

static REGION: Region = Region(UnsafeCell::new([0; SIZE]));

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// JSON text.
    Json = 1,
    /// The items of a set, as JSON texts parted by commas.
    Set = 2,
}

/// The region, and what did not fit.
pub(crate) struct Arena {
    top: u32,
    spilled: Vec<Spill>,
}

/// A piece in Rust's heap.
struct Spill {
    /// The place of its marker in the region: older marks release it.
    marker: u32,
    bytes: Vec<u8>,
}

impl Arena {
    pub(crate) const fn new() -> Self {
        Self {
            top: 0,
            spilled: Vec::new(),
        }
    }

    /// Everything given out from now on is newer than this mark.
    pub(crate) fn mark(&self) -> u32 {
        base() + self.top
    }

    /// Forgets what is newer than a mark, or takes over what a host has written up to it.
    pub(crate) fn release(&mut self, mark: u32) -> Result<(), String> {
        let top = mark
            .checked_sub(base())
            .filter(|top| *top <= size() && top % ALIGNMENT == 0);
        self.top = top.ok_or("the heap pointer is none of this module's")?;
        self.spilled.retain(|spill| spill.marker < mark);
        Ok(())
    }

    /// Room for `len` bytes of a host's.
    pub(crate) fn alloc(&mut self, len: u32) -> Result<u32, String> {
        match self.reserve(len) {
            Some(place) => Ok(place),
            None => self.spill(len),
        }
    }

    /// Gives room back early. What lies in the region waits for its mark.
    pub(crate) fn free(&mut self, place: u32) {
        self.spilled.retain(|spill| address(&spill.bytes) != place);
    }

    /// Bytes that a host has written, wherever they are.
    pub(crate) fn read(&self, place: u32, len: u32) -> Result<&[u8], String> {
        let spill = self.spilled.iter().find(|spill| address(&spill.bytes) == place);
        if let Some(spill) = spill {
            let bytes = usize::try_from(len).ok().and_then(|len| spill.bytes.get(..len));
            return bytes.ok_or_else(|| "the length is not that of the allocation".into());
        }
        let start = place.checked_sub(base()).filter(|start| *start <= self.top);
        let fits = start.is_some_and(|start| len <= self.top - start);
        match start {
            // SAFETY: inside of the region up to `top`, which is initialised, and nobody writes while it is borrowed.
            Some(start) if fits => Ok(unsafe { std::slice::from_raw_parts(pointer(start), as_usize(len)) }),
            _ => Err("the address is not memory of this module".into()),
        }
    }

    /// Keeps a value; its handle.
    pub(crate) fn keep(&mut self, kind: Kind, text: &[u8]) -> Result<u32, String> {
        let header = self.reserve(HEADER).ok_or(FULL)?;
        let (place, len) = self.store(text)?;
        self.write_header(header, [MAGIC, kind as u32, place, len]);
        Ok(header)
    }

    /// Gives a value another text.
    pub(crate) fn replace(&mut self, handle: u32, text: &[u8]) -> Result<(), String> {
        let [magic, kind, ..] = self.header(handle)?;
        let (place, len) = self.store(text)?;
        self.write_header(handle, [magic, kind, place, len]);
        Ok(())
    }

    /// The value of a handle.
    pub(crate) fn value(&self, handle: u32) -> Result<(Kind, &[u8]), String> {
        let [_, kind, place, len] = self.header(handle)?;
        let kind = if kind == Kind::Set as u32 {
            Kind::Set
        } else {
            Kind::Json
        };
        let text = self.read(place, len);
        text.map(|text| (kind, text))
            .map_err(|_| format!("a value of {len} bytes did not fit into {SIZE}, and is elsewhere"))
    }

    /// The mark from which on a value is whole.
    pub(crate) fn end(&self, handle: u32) -> Result<u32, String> {
        let [_, _, place, len] = self.header(handle)?;
        let is_spilled = self.spilled.iter().any(|spill| address(&spill.bytes) == place);
        Ok(if is_spilled {
            // Its marker follows the header.
            handle.saturating_add(HEADER + ALIGNMENT)
        } else {
            place.saturating_add(len)
        })
    }

    /// Keeps numbers that a host knows by their place.
    pub(crate) fn keep_numbers(&mut self, numbers: [u32; 4]) -> Result<u32, String> {
        let place = self.reserve(HEADER).ok_or(FULL)?;
        self.write_header(place, numbers);
        Ok(place)
    }

    pub(crate) fn numbers(&self, place: u32) -> Result<[u32; 4], String> {
        let bytes = self.read(place, HEADER)?;
        let mut numbers = [0; 4];
        for (number, bytes) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
            *number = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        Ok(numbers)
    }

    pub(crate) fn set_numbers(&mut self, place: u32, numbers: [u32; 4]) -> Result<(), String> {
        self.read(place, HEADER)?;
        self.write_header(place, numbers);
        Ok(())
    }

    /// A text that a host reads up to its end, which is a zero; its place.
    pub(crate) fn text(&mut self, parts: &[&[u8]]) -> Result<u32, String> {
        self.store(&[&parts.concat(), &[0][..]].concat())
            .map(|(place, _)| place)
    }

    fn header(&self, handle: u32) -> Result<[u32; 4], String> {
        let numbers = self
            .numbers(handle)
            .map_err(|_| "the handle is none of this module's")?;
        match numbers {
            [MAGIC, ..] if handle % ALIGNMENT == 0 => Ok(numbers),
            _ => Err("the handle is none of this module's".into()),
        }
    }

    /// Copies bytes to where hosts see them: place and length.
    fn store(&mut self, bytes: &[u8]) -> Result<(u32, u32), String> {
        let len = u32::try_from(bytes.len()).map_err(|_| "a text of more than 4 GiB")?;
        let place = self.alloc(len)?;
        match self.spilled.last_mut().filter(|spill| address(&spill.bytes) == place) {
            Some(spill) => spill.bytes.copy_from_slice(bytes),
            // SAFETY: `alloc` has just reserved `len` bytes there, and `bytes` is not in what was free until then.
            None => unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), pointer(place - base()), bytes.len()) },
        }
        Ok((place, len))
    }

    fn write_header(&mut self, place: u32, numbers: [u32; 4]) {
        let bytes = numbers.map(u32::to_le_bytes).concat();
        // SAFETY: every caller has reserved `HEADER` bytes there, or has read them.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), pointer(place - base()), bytes.len()) }
    }

    /// Takes bytes of the region; `None` where too few are left.
    fn reserve(&mut self, len: u32) -> Option<u32> {
        let place = self.top;
        let top = place.checked_add(len)?.checked_next_multiple_of(ALIGNMENT)?;
        if top > size() {
            return None;
        }
        self.top = top;
        Some(base() + place)
    }

    fn spill(&mut self, len: u32) -> Result<u32, String> {
        let marker = self.reserve(ALIGNMENT).ok_or(FULL)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(as_usize(len)).map_err(|_| FULL)?;
        bytes.resize(as_usize(len), 0);
        let place = address(&bytes);
        self.spilled.push(Spill { marker, bytes });
        Ok(place)
    }
}

const FULL: &str = "out of memory";

fn base() -> u32 {
    as_u32(REGION.0.get().expose_provenance())
}

fn pointer(offset: u32) -> *mut u8 {
    REGION.0.get().cast::<u8>().wrapping_add(as_usize(offset))
}

fn address(bytes: &[u8]) -> u32 {
    as_u32(bytes.as_ptr().expose_provenance())
}

fn size() -> u32 {
    as_u32(SIZE)
}

/// Both are 32 bits wide here.
fn as_u32(number: usize) -> u32 {
    number as u32
}

fn as_usize(number: u32) -> usize {
    number as usize
}
