package gcs

import "testing"

func TestStorageClasses(t *testing.T) {
	t.Parallel()
	for asked, native := range map[string]string{
		"": "", "STANDARD": "", "STANDARD_IA": "NEARLINE", "ONEZONE_IA": "NEARLINE", "GLACIER_IR": "COLDLINE", "GLACIER": "ARCHIVE",
		"DEEP_ARCHIVE": "ARCHIVE", "INTELLIGENT_TIERING": "STANDARD", "REDUCED_REDUNDANCY": "STANDARD",
	} {
		if got := nativeClass(asked); got != native {
			t.Errorf("%q is %q, want %q", asked, got, native)
		}
		if got := shownClass(native, asked); native != "" && got != asked {
			t.Errorf("%q in %q is shown as %q", asked, native, got)
		}
	}
	for native, shown := range map[string]string{"STANDARD": "", "NEARLINE": "STANDARD_IA", "COLDLINE": "GLACIER_IR", "ARCHIVE": "GLACIER_IR"} {
		for _, asked := range []string{"", "STANDARD"} {
			if got := shownClass(native, asked); got != shown {
				t.Errorf("%q in %q is shown as %q, want %q", asked, native, got, shown)
			}
		}
	}
	if got := shownClass("STANDARD", "GLACIER"); got != "" { // it was moved
		t.Errorf("GLACIER in STANDARD is shown as %q", got)
	}
}
