console.log("The tour is not written yet: nothing was shown.");
