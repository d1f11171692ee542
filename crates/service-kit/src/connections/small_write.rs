//! Small writes from one buffer: `send` and a copy cost less than `writev`.

use std::io::IoSlice;

/// The most that is copied.
const SIZE: usize = 512;

/// A buffer for one write.
pub(crate) struct SmallWrite([u8; SIZE]);

impl Default for SmallWrite {
    fn default() -> Self {
        Self([0; SIZE])
    }
}

impl SmallWrite {
    /// The bytes of these slices: the only slice, or a copy if they are few.
    pub(crate) fn gather<'a>(&'a mut self, slices: &'a [IoSlice<'_>]) -> Option<&'a [u8]> {
        if let [slice] = slices {
            return Some(slice);
        }
        let mut length = 0;
        for slice in slices {
            let free = self.0.get_mut(length..length + slice.len())?;
            free.copy_from_slice(slice);
            length += slice.len();
        }
        Some(&self.0[..length])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parts: &[&[u8]], expected: Option<&[u8]>) {
        let slices: Vec<_> = parts.iter().map(|part| IoSlice::new(part)).collect();
        assert_eq!(SmallWrite::default().gather(&slices), expected);
    }

    #[test]
    fn few_bytes_become_one_slice() {
        check(&[b"head", b"", b"body"], Some(b"headbody"));
        check(&[], Some(b""));
        let half = [b'x'; SIZE / 2];
        check(&[&half, &half], Some(&[b'x'; SIZE]));
    }

    #[test]
    fn many_bytes_are_not_copied() {
        let many = [b'x'; SIZE + 1];
        check(&[&many], Some(&many));
        check(&[&many[1..], b"x"], None);
        check(&[&many, b"x"], None);
    }
}
