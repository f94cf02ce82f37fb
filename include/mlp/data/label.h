/* label.h - a label is the class of an image, 0 .. classes-1, stored in one byte. */
#ifndef MLP_LABEL_H
#define MLP_LABEL_H

enum { MLP_MAX_CLASSES = 256 };

#endif
